-- A review whose conversation is not in the lake, or a rating without its review.
select review.review_id as subject, review.conversation_id
from review left join conversations using (conversation_id)
where conversations.conversation_id is null
union all
select rating.review_id, rating.criterion
from rating left join review using (review_id)
where review.review_id is null
