-- Search. Asked by vector::Search.

-- The best messages with what is shown of them. The snippet marks matches with characters 2 and 3, which
-- it holds nowhere else.
-- name: SearchMessages :many
select s.message_id, s.score as "score!", s.text_rank, s.text_score, s.vector_rank, s.similarity,
       m.conversation_id, c.title, m.role, m.created_at, m.source_id, m.seq,
       ts_headline('pg_catalog.english', translate(left(m.content, 20000), E'\x02\x03', '  '),
                   coalesce(any_of_words(@question), ''::tsquery),
                   E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "')
         as snippet
  from search_messages(@tenant_id, @question, sqlc.narg(model_id), sqlc.narg(query_vector),
                       sqlc.narg(only_user), sqlc.narg(only_role), sqlc.narg(only_since),
                       sqlc.narg(only_until), sqlc.narg(only_conversation), @max_results, @depth,
                       @text_weight, @vector_weight, @fusion_k, @min_similarity) s
  join messages m on m.tenant_id = @tenant_id and m.id = s.message_id
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 order by s.score desc, s.message_id;

-- name: ExplainSearch :many
select line as "line!"
  from explain_search(@tenant_id, @question, sqlc.narg(model_id), sqlc.narg(query_vector),
                      sqlc.narg(only_user), sqlc.narg(only_role), sqlc.narg(only_since),
                      sqlc.narg(only_until), sqlc.narg(only_conversation), @max_results, @depth,
                      @text_weight, @vector_weight, @fusion_k, @min_similarity);
