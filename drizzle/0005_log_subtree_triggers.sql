-- The kept hashes of the Merkle log are as append-only as what they are of (rule 8.1).

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "log_subtree"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "log_subtree" ENABLE ALWAYS TRIGGER append_only;
