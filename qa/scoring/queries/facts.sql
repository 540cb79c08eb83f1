-- Grain: one row per account of one day ($day): the sums of its contacts.
select
    $day::date as day,
    platform,
    shop,
    account,
    sum(columns(* exclude (platform, shop, account, conversation_id, ended_at, longest_wait)))::bigint
from contacts
group by platform, shop, account
order by platform, shop, account nulls first
