-- A review or verdict that somebody gave on own work.
select review.review_id as subject, review.reviewer
from review join user_now on user_now.user_id = review.reviewer
where user_now.agent_id = review.agent_id
union all
select verdict_now.finding_id, verdict_now.reviewer
from verdict_now
join user_now on user_now.user_id = verdict_now.reviewer
join findings using (finding_id)
join account_now on account_now.platform = findings.platform and account_now.shop = findings.shop
    and account_now.account = findings.account and account_now.agent_id = user_now.agent_id
