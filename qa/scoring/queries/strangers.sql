-- Grain: one row per account that served a conversation and that no roster or earlier import claims.
select distinct platform, shop, account
from conversations
where account is not null
    and not exists (
        select 1 from account_now
        where account_now.platform = conversations.platform and account_now.shop = conversations.shop
            and account_now.account = conversations.account
    )
order by platform, shop, account
