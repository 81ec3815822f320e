-- The order of all revisions is as append-only as what it orders (rule 8.1). SQLSTATE HF082 for a
-- position that does not follow the newest one, or that leaves out a revision of its packet.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "log_position"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "log_position" ENABLE ALWAYS TRIGGER append_only;
--> statement-breakpoint
CREATE FUNCTION log_position_follows() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  newest bigint;
  before integer;
  fault text;
BEGIN
  SELECT coalesce(max(position), 0) INTO newest FROM public.log_position;
  -- Another process came first: the same answer as if its rows had been seen.
  IF NEW.position <= newest THEN
    RAISE EXCEPTION 'position % of the log is taken', NEW.position USING ERRCODE = 'unique_violation';
  END IF;
  SELECT coalesce(max(number), 0) INTO before FROM public.log_position WHERE packet = NEW.packet;
  fault := CASE
    WHEN NEW.position <> newest + 1 THEN 'it does not follow position ' || newest
    WHEN NEW.number <> before + 1 THEN 'its packet is at revision ' || before
    WHEN NOT EXISTS (SELECT FROM public.revision WHERE packet = NEW.packet AND number = NEW.number)
      THEN 'there is no such revision'
  END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'position % of the log for revision % of packet % is refused: %', NEW.position,
      NEW.number, NEW.packet, fault USING ERRCODE = 'HF082';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER follows BEFORE INSERT ON "log_position"
  FOR EACH ROW EXECUTE FUNCTION log_position_follows();
--> statement-breakpoint
ALTER TABLE "log_position" ENABLE ALWAYS TRIGGER follows;
