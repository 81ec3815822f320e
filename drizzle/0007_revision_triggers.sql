-- What a revision must be to follow the one before it, asked once for all that a statement wrote and
-- not for each: the same refusals as before (HF052, and HF051 by refuse_wrong_approval), and that the
-- packet is there, which a foreign key looked up and locked for each row.

DROP TRIGGER follows ON "revision";
--> statement-breakpoint
DROP FUNCTION revision_follows();
--> statement-breakpoint
CREATE FUNCTION revisions_follow() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  wrong record;
  approval public.revision%ROWTYPE;
  before public.revision%ROWTYPE;
BEGIN
  SELECT w.packet, w.number, w.fault INTO wrong FROM (
    SELECT n.packet, n.number, CASE
      WHEN n.number = 1 THEN CASE
        WHEN n.cause <> 'PACKET_OPENED' THEN 'a lineage starts with the opening'
        WHEN NOT EXISTS (SELECT FROM public.packet WHERE id = n.packet) THEN 'there is no packet'
        END
      WHEN b.number IS NULL THEN 'it has no predecessor'
      WHEN b.digest <> n.predecessor THEN 'its predecessor has another digest'
      WHEN b.status = 'CLOSED' THEN 'its predecessor closed the packet'
      WHEN n.epoch < b.epoch THEN 'its epoch is less than that of its predecessor'
      WHEN n.cause = 'PACKET_OPENED' THEN 'the packet is open already'
      WHEN n.steady_since NOT IN (b.steady_since, n.number) THEN 'it forgets what changed'
      END AS fault
    FROM written AS n LEFT JOIN LATERAL (
      SELECT number, digest, epoch, status, steady_since FROM public.revision
      WHERE packet = n.packet AND number = n.number - 1 LIMIT 1
    ) AS b ON true
  ) AS w WHERE w.fault IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'revision % of packet % is refused: %', wrong.number, wrong.packet, wrong.fault
      USING ERRCODE = 'HF052';
  END IF;
  FOR approval IN SELECT * FROM written WHERE cause = 'PACKET_APPROVED' LOOP
    SELECT * INTO before FROM public.revision
      WHERE packet = approval.packet AND number = approval.number - 1;
    PERFORM public.refuse_wrong_approval(approval, before);
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER follows AFTER INSERT ON "revision" REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION revisions_follow();
--> statement-breakpoint
ALTER TABLE "revision" ENABLE ALWAYS TRIGGER follows;
