-- Grain: one row per day and account: the sums of its contacts, which come with their day.
select
    day,
    platform,
    shop,
    account,
    sum(columns(* exclude (day, platform, shop, account, conversation_id, ended_at, longest_wait)))::bigint
from contacts
group by day, platform, shop, account
order by day, platform, shop, account nulls first
