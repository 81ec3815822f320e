-- Records of access are as append-only as the lineage (rule 8.1). When one was made, and at which
-- epoch, the database says itself.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "access_record"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "access_record" ENABLE ALWAYS TRIGGER append_only;
--> statement-breakpoint
CREATE FUNCTION access_record_dated() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
BEGIN
  SELECT coalesce(max(c.epoch), 0) INTO NEW.epoch
    FROM (SELECT epoch FROM public.clock_step ORDER BY seq DESC LIMIT 1) AS c;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER dated BEFORE INSERT ON "access_record"
  FOR EACH ROW EXECUTE FUNCTION access_record_dated();
--> statement-breakpoint
ALTER TABLE "access_record" ENABLE ALWAYS TRIGGER dated;
