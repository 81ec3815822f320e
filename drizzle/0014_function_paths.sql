-- What the functions of the triggers say is bound each time they run, by the search_path of the
-- session, which anybody may set: an operator, function or type of the session's own would stand in
-- for the one of Postgres that is meant, and refuse nothing. Each brings its own path, without any
-- schema in which somebody could make such things; pg_temp is named, as it would come first unsaid.

ALTER FUNCTION public.refuse_change() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.clock_step_follows() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.source_follows() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.refuse_wrong_approval(public.revision, public.revision)
  SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.revisions_follow() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.packet_head_is_last() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.log_position_follows() SET search_path = pg_catalog, pg_temp;
--> statement-breakpoint
ALTER FUNCTION public.access_record_dated() SET search_path = pg_catalog, pg_temp;
