-- An agent who is in two teams on the same day.
select a.agent_id as subject, a.team, b.team as other
from membership_now as a
join membership_now as b using (agent_id)
where (a.team, a.valid_from) < (b.team, b.valid_from)
    and a.valid_from < coalesce(b.valid_to, '9999') and b.valid_from < coalesce(a.valid_to, '9999')
