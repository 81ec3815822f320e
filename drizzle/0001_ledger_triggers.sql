-- What the database itself refuses, to every role. SQLSTATEs: HF081 for a change of what is
-- append-only (rule 8.1), HF052 for a revision that breaks the lineage, HF051 for an approval that
-- rule 5.1 forbids, HF061 for a step that the epoch may not take. Names are qualified, so that no
-- temporary table can stand in for one of these. Plans are made while the tables are small and
-- kept by each session while they grow, so no plan may read a whole table.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'HF081';
END $$;
--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['deployment', 'clock_step', 'train', 'lane_proposal', 'source',
    'packet', 'revision', 'shared_subject', 'shared_report', 'packet_dependency', 'report_number',
    'idempotency']
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I
      FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER append_only', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER never_gone BEFORE DELETE OR TRUNCATE ON "packet_head"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "packet_head" ENABLE ALWAYS TRIGGER never_gone;
--> statement-breakpoint
-- Room on each page keeps the swaps of a head in place.
ALTER TABLE "packet_head" SET (fillfactor = 50);
--> statement-breakpoint
CREATE FUNCTION clock_step_follows() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  before public.clock_step%ROWTYPE;
  now_at timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO before FROM public.clock_step ORDER BY seq DESC LIMIT 1;
  IF NOT FOUND THEN
    IF NEW.seq <> 1 THEN
      RAISE EXCEPTION 'the clock starts with step 1, not %', NEW.seq USING ERRCODE = 'HF061';
    END IF;
    NEW.reached_at := now_at;
    RETURN NEW;
  END IF;
  -- Another step came first: the same answer as if its row had been seen.
  IF NEW.seq <= before.seq THEN
    RAISE EXCEPTION 'step % of the clock is taken', NEW.seq USING ERRCODE = 'unique_violation';
  END IF;
  IF NEW.seq <> before.seq + 1 OR NEW.epoch < before.epoch OR NEW.epoch > before.epoch + 1
    OR NEW.generation < before.generation THEN
    RAISE EXCEPTION 'step % of the clock does not follow step %', NEW.seq, before.seq
      USING ERRCODE = 'HF061';
  END IF;
  IF NEW.epoch = before.epoch THEN
    NEW.reached_at := before.reached_at;
    RETURN NEW;
  END IF;
  -- Rules 6.1 and 6.2: at most one step a second; a clock that was set back still permits one.
  IF now_at >= before.reached_at AND now_at < before.reached_at + interval '1 second' THEN
    RAISE EXCEPTION 'the epoch moves at most once a second' USING ERRCODE = 'HF061';
  END IF;
  NEW.reached_at := now_at;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER follows BEFORE INSERT ON "clock_step"
  FOR EACH ROW EXECUTE FUNCTION clock_step_follows();
--> statement-breakpoint
ALTER TABLE "clock_step" ENABLE ALWAYS TRIGGER follows;
--> statement-breakpoint
CREATE FUNCTION source_follows() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  newest integer;
BEGIN
  SELECT max(version) INTO newest FROM public.source
    WHERE exercise = NEW.exercise AND train = NEW.train AND kind = NEW.kind;
  IF NEW.version > coalesce(newest, 0) + 1 OR NEW.version < 1 THEN
    RAISE EXCEPTION 'version % of % does not follow version %', NEW.version, NEW.kind, newest
      USING ERRCODE = 'HF052';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER follows BEFORE INSERT ON "source"
  FOR EACH ROW EXECUTE FUNCTION source_follows();
--> statement-breakpoint
ALTER TABLE "source" ENABLE ALWAYS TRIGGER follows;
--> statement-breakpoint
-- Rule 5.1, as far as the rows show it.
CREATE FUNCTION refuse_wrong_approval(approval public.revision, before public.revision)
  RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  clock public.clock_step%ROWTYPE;
  fault text;
BEGIN
  SELECT * INTO clock FROM public.clock_step ORDER BY seq DESC LIMIT 1;
  -- A tick may have come between; the writer looks again.
  IF approval.epoch <> clock.epoch THEN
    RAISE EXCEPTION 'the epoch is % and no longer %', clock.epoch, approval.epoch
      USING ERRCODE = 'serialization_failure';
  END IF;
  fault := CASE
    WHEN before.open_holds > 0 THEN 'its predecessor has open holds'
    WHEN before.status <> 'READY_FOR_APPROVAL' THEN 'its predecessor is ' || before.status
    WHEN approval.status <> 'APPROVED' OR approval.open_holds > 0 THEN 'its own row says otherwise'
    WHEN approval.actor_kind <> 'PERSON' THEN 'no person made it'
    WHEN clock.frozen THEN 'the epoch is frozen'
    WHEN approval.approves_number < before.steady_since
      THEN 'a later revision opened a hold or changed the material'
    WHEN NOT EXISTS (SELECT FROM public.revision WHERE packet = approval.packet
      AND number = approval.approves_number AND digest = approval.approves_digest)
      THEN 'there is no revision of this number and digest'
  END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'the approval in revision % is refused: %', approval.number, fault
      USING ERRCODE = 'HF051';
  END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION revision_follows() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  before public.revision%ROWTYPE;
  fault text;
BEGIN
  IF NEW.number = 1 THEN
    IF NEW.cause <> 'PACKET_OPENED' THEN
      RAISE EXCEPTION 'a lineage starts with the opening' USING ERRCODE = 'HF052';
    END IF;
    RETURN NEW;
  END IF;
  SELECT packet, number, digest, epoch, status, open_holds, steady_since
    INTO before.packet, before.number, before.digest, before.epoch, before.status,
      before.open_holds, before.steady_since
    FROM public.revision WHERE packet = NEW.packet AND number = NEW.number - 1;
  fault := CASE
    WHEN before.packet IS NULL THEN 'it has no predecessor'
    WHEN before.digest <> NEW.predecessor THEN 'its predecessor has another digest'
    WHEN before.status = 'CLOSED' THEN 'its predecessor closed the packet'
    WHEN NEW.epoch < before.epoch THEN 'its epoch is less than that of its predecessor'
    WHEN NEW.cause = 'PACKET_OPENED' THEN 'the packet is open already'
    WHEN NEW.steady_since NOT IN (before.steady_since, NEW.number) THEN 'it forgets what changed'
  END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'revision % of packet % is refused: %', NEW.number, NEW.packet, fault
      USING ERRCODE = 'HF052';
  END IF;
  IF NEW.cause = 'PACKET_APPROVED' THEN
    PERFORM public.refuse_wrong_approval(NEW, before);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER follows BEFORE INSERT ON "revision"
  FOR EACH ROW EXECUTE FUNCTION revision_follows();
--> statement-breakpoint
ALTER TABLE "revision" ENABLE ALWAYS TRIGGER follows;
--> statement-breakpoint
-- The head is the lineage's last row, once the statement that moved it is over.
CREATE FUNCTION packet_head_is_last() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.packet <> OLD.packet OR NEW.exercise <> OLD.exercise OR NEW.train <> OLD.train
      OR NEW.number < OLD.number OR (NEW.number = OLD.number AND NEW.digest <> OLD.digest) THEN
      RAISE EXCEPTION 'the head of packet % only moves on', OLD.packet USING ERRCODE = 'HF052';
    END IF;
    IF NEW.number = OLD.number AND NEW.status = OLD.status THEN
      RETURN NULL;
    END IF;
  END IF;
  IF NOT EXISTS (SELECT FROM public.revision WHERE packet = NEW.packet AND number = NEW.number
      AND digest = NEW.digest AND status = NEW.status)
    OR EXISTS (SELECT FROM public.revision WHERE packet = NEW.packet AND number = NEW.number + 1)
  THEN
    RAISE EXCEPTION 'the head of packet % is not its last revision', NEW.packet
      USING ERRCODE = 'HF052';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER is_last AFTER INSERT OR UPDATE ON "packet_head"
  FOR EACH ROW EXECUTE FUNCTION packet_head_is_last();
--> statement-breakpoint
ALTER TABLE "packet_head" ENABLE ALWAYS TRIGGER is_last;
