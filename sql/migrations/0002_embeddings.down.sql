drop function add_embedding_model(text, integer);
drop trigger forget_embeddings on messages;
drop function forget_embeddings();
drop function refuse_vector(text, uuid);
drop table embedding_coverage, embedding_jobs, embeddings, embedding_models;
