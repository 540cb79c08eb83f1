-- Grain: one row per group, and per day where $by_day: sums of the day facts from $first to before $end.
-- platform is null where a group works on several: what one platform defines is not said of a mixture.
-- $by: agent, team, shop, platform or all. Accounts and teams are those of the day, by dated membership.
with
owned as (
    select facts.*, account_now.agent_id, membership_now.team
    from facts
    left join account_now
        on account_now.platform = facts.platform and account_now.shop = facts.shop
        and account_now.account = facts.account
        and facts.day >= account_now.valid_from::date
        and (account_now.valid_to is null or facts.day < account_now.valid_to::date)
    left join membership_now
        on membership_now.agent_id = account_now.agent_id
        and facts.day >= membership_now.valid_from::date
        and (membership_now.valid_to is null or facts.day < membership_now.valid_to::date)
    where facts.day >= $first::date and facts.day < $end::date
)
select
    case $by
        when 'agent' then agent_id
        when 'team' then team
        when 'shop' then shop
        when 'platform' then platform
        else ''
    end as grouped,
    case when $by_day then day end as on_day,
    case when count(distinct platform) = 1 then min(platform) end as platform,
    sum(case when $by = 'agent' then conversations else ended end)::bigint as conversations,
    sum(columns(* exclude (day, platform, shop, account, agent_id, team, conversations)))::bigint
from owned
group by grouped, on_day
order by grouped nulls first, on_day nulls first
