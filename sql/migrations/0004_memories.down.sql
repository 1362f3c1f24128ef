drop table memory_sources, memory_versions, memories;
drop function keep_memory_version();
