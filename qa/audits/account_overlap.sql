-- An account that two agents hold on the same day.
select a.platform || ' ' || a.shop || ' ' || a.account as subject, a.agent_id, b.agent_id as other
from account_now as a
join account_now as b using (platform, shop, account)
where (a.agent_id, a.valid_from) < (b.agent_id, b.valid_from)
    and a.valid_from < coalesce(b.valid_to, '9999') and b.valid_from < coalesce(a.valid_to, '9999')
