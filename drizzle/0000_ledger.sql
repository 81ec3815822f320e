CREATE TYPE "public"."actor_kind" AS ENUM('PERSON', 'SYSTEM');--> statement-breakpoint
CREATE TYPE "public"."clock_break" AS ENUM('FROZEN', 'THAWED', 'ADVANCED_BY_HAND', 'TICKER_GAP');--> statement-breakpoint
CREATE TYPE "public"."fact_kind" AS ENUM('PACKET_OPENED', 'SOURCE_ACCEPTED', 'PACKET_BOUND', 'ENTRIES_RECORDED', 'OPERATOR_HOLD_PLACED', 'OPERATOR_HOLD_RELEASED', 'ESCALATION_ACKNOWLEDGED', 'PACKET_APPROVED', 'PACKET_REJECTED', 'PACKET_RESUBMITTED', 'PACKET_WITHDRAWN', 'CLOCK_CHANGED', 'EPOCH_REACHED');--> statement-breakpoint
CREATE TYPE "public"."packet_status" AS ENUM('CLOSED', 'ESCALATED', 'ON_HOLD', 'APPROVED', 'READY_FOR_APPROVAL');--> statement-breakpoint
CREATE TYPE "public"."shared_kind" AS ENUM('ENCLAVE_REPORT', 'CREDENTIAL_REVOCATION', 'COMPONENT_STATE');--> statement-breakpoint
CREATE TYPE "public"."source_kind" AS ENUM('APPROVAL_LANE', 'OUTAGE_DECLARATION', 'TRUSTED_BRANCH', 'MANIFEST', 'REPRODUCIBILITY_POLICY', 'ROLLBACK_SCOPE', 'REQUIRED_ENCLAVES', 'ROSTER', 'SHIFT_CALENDAR', 'QUORUM_POLICY', 'FRESHNESS_POLICY', 'PUBLICATION_SCOPE', 'ACCEPTED_REPORTERS', 'SHIPMENT_WINDOW');--> statement-breakpoint
CREATE TABLE "clock_step" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"frozen" boolean NOT NULL,
	"generation" integer NOT NULL,
	"stepped_at" timestamp (3) with time zone NOT NULL,
	"anchor_epoch" bigint NOT NULL,
	"anchor_at" timestamp (3) with time zone NOT NULL,
	"change" "clock_break",
	"actor" text COLLATE "C",
	"reason" text COLLATE "C",
	"reached_at" timestamp (6) with time zone NOT NULL,
	CONSTRAINT "clock_step_epoch" CHECK ("clock_step"."epoch" >= 0 AND "clock_step"."seq" >= 1)
);
--> statement-breakpoint
CREATE TABLE "deployment" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid NOT NULL,
	"secret" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "deployment_only" CHECK ("deployment"."only" AND octet_length("deployment"."secret") = 32)
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"actor" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"verb" text COLLATE "C" NOT NULL,
	"input" text COLLATE "C" NOT NULL,
	"answer" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_actor_key_pk" PRIMARY KEY("actor","key")
);
--> statement-breakpoint
CREATE TABLE "lane_proposal" (
	"id" uuid PRIMARY KEY NOT NULL,
	"exercise" boolean NOT NULL,
	"train" text COLLATE "C" NOT NULL,
	"digest" "bytea" NOT NULL,
	"content" "bytea" NOT NULL,
	"proposed_by" text COLLATE "C" NOT NULL,
	"proposed_epoch" bigint NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "lane_digest" CHECK ("lane_proposal"."digest" = sha256("lane_proposal"."content"))
);
--> statement-breakpoint
CREATE TABLE "packet" (
	"id" uuid PRIMARY KEY NOT NULL,
	"exercise" boolean NOT NULL,
	"train" text COLLATE "C" NOT NULL,
	"preparer" text COLLATE "C" NOT NULL,
	"succeeds" uuid,
	"salt" "bytea" NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "packet_salt" CHECK (octet_length("packet"."salt") = 32)
);
--> statement-breakpoint
CREATE TABLE "packet_dependency" (
	"kind" "shared_kind" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"packet" uuid NOT NULL,
	CONSTRAINT "packet_dependency_kind_name_packet_pk" PRIMARY KEY("kind","name","packet")
);
--> statement-breakpoint
CREATE TABLE "packet_head" (
	"packet" uuid PRIMARY KEY NOT NULL,
	"exercise" boolean NOT NULL,
	"train" text COLLATE "C" NOT NULL,
	"number" integer NOT NULL,
	"digest" "bytea" NOT NULL,
	"status" "packet_status" NOT NULL,
	"closed" boolean NOT NULL,
	"next_due" bigint,
	CONSTRAINT "packet_head_closed" CHECK ("packet_head"."closed" = ("packet_head"."status" = 'CLOSED'))
);
--> statement-breakpoint
CREATE TABLE "report_number" (
	"exercise" boolean NOT NULL,
	"reporter" text COLLATE "C" NOT NULL,
	"number" bigint NOT NULL,
	"previous" bigint,
	CONSTRAINT "report_number_exercise_reporter_number_pk" PRIMARY KEY("exercise","reporter","number"),
	CONSTRAINT "report_number_one_successor" UNIQUE NULLS NOT DISTINCT("exercise","reporter","previous"),
	CONSTRAINT "report_number_rises" CHECK ("report_number"."number" > coalesce("report_number"."previous", 0))
);
--> statement-breakpoint
CREATE TABLE "revision" (
	"packet" uuid NOT NULL,
	"number" integer NOT NULL,
	"predecessor" "bytea",
	"digest" "bytea" NOT NULL,
	"header" "bytea" NOT NULL,
	"body" "bytea" NOT NULL,
	"cause" "fact_kind" NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"actor_kind" "actor_kind" NOT NULL,
	"epoch" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" "packet_status" NOT NULL,
	"open_holds" integer NOT NULL,
	"steady_since" integer NOT NULL,
	"material_digest" "bytea" NOT NULL,
	"approves_number" integer,
	"approves_digest" "bytea",
	CONSTRAINT "revision_packet_number_pk" PRIMARY KEY("packet","number"),
	CONSTRAINT "revision_one_successor" UNIQUE("predecessor","packet"),
	CONSTRAINT "revision_digest" UNIQUE("digest","packet"),
	CONSTRAINT "revision_first" CHECK (("revision"."number" = 1) = ("revision"."predecessor" IS NULL)),
	CONSTRAINT "revision_header" CHECK ("revision"."digest" = sha256("revision"."header")),
	CONSTRAINT "revision_approves" CHECK (("revision"."cause" = 'PACKET_APPROVED') = ("revision"."approves_number" IS NOT NULL)
        AND ("revision"."approves_number" IS NULL) = ("revision"."approves_digest" IS NULL))
);
--> statement-breakpoint
CREATE TABLE "shared_report" (
	"entry" uuid PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "shared_report_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"exercise" boolean NOT NULL,
	"kind" "shared_kind" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"reporter" text COLLATE "C" NOT NULL,
	"body" "bytea" NOT NULL,
	"recorded_epoch" bigint NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared_subject" (
	"exercise" boolean NOT NULL,
	"kind" "shared_kind" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	CONSTRAINT "shared_subject_exercise_kind_name_pk" PRIMARY KEY("exercise","kind","name")
);
--> statement-breakpoint
CREATE TABLE "source" (
	"exercise" boolean NOT NULL,
	"train" text COLLATE "C" NOT NULL,
	"kind" "source_kind" NOT NULL,
	"version" integer NOT NULL,
	"digest" "bytea" NOT NULL,
	"content" "bytea" NOT NULL,
	"accepted_by" text COLLATE "C" NOT NULL,
	"proposed_by" text COLLATE "C",
	"proposal" uuid,
	"accepted_epoch" bigint NOT NULL,
	"accepted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "source_exercise_train_kind_version_pk" PRIMARY KEY("exercise","train","kind","version"),
	CONSTRAINT "source_proposal_unique" UNIQUE("proposal"),
	CONSTRAINT "source_digest" CHECK ("source"."digest" = sha256("source"."content")),
	CONSTRAINT "source_two_people" CHECK (("source"."kind" = 'APPROVAL_LANE') = ("source"."proposed_by" IS NOT NULL)
        AND "source"."proposed_by" IS DISTINCT FROM "source"."accepted_by")
);
--> statement-breakpoint
CREATE TABLE "train" (
	"exercise" boolean NOT NULL,
	"train" text COLLATE "C" NOT NULL,
	CONSTRAINT "train_exercise_train_pk" PRIMARY KEY("exercise","train")
);
--> statement-breakpoint
ALTER TABLE "lane_proposal" ADD CONSTRAINT "lane_proposal_exercise_train_train_exercise_train_fk" FOREIGN KEY ("exercise","train") REFERENCES "public"."train"("exercise","train") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packet" ADD CONSTRAINT "packet_succeeds_packet_id_fk" FOREIGN KEY ("succeeds") REFERENCES "public"."packet"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packet" ADD CONSTRAINT "packet_exercise_train_train_exercise_train_fk" FOREIGN KEY ("exercise","train") REFERENCES "public"."train"("exercise","train") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packet_dependency" ADD CONSTRAINT "packet_dependency_packet_packet_id_fk" FOREIGN KEY ("packet") REFERENCES "public"."packet"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packet_head" ADD CONSTRAINT "packet_head_packet_packet_id_fk" FOREIGN KEY ("packet") REFERENCES "public"."packet"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_number" ADD CONSTRAINT "report_number_previous_fk" FOREIGN KEY ("exercise","reporter","previous") REFERENCES "public"."report_number"("exercise","reporter","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revision" ADD CONSTRAINT "revision_packet_packet_id_fk" FOREIGN KEY ("packet") REFERENCES "public"."packet"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared_report" ADD CONSTRAINT "shared_report_subject_fk" FOREIGN KEY ("exercise","kind","name") REFERENCES "public"."shared_subject"("exercise","kind","name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "source" ADD CONSTRAINT "source_proposal_lane_proposal_id_fk" FOREIGN KEY ("proposal") REFERENCES "public"."lane_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "source" ADD CONSTRAINT "source_exercise_train_train_exercise_train_fk" FOREIGN KEY ("exercise","train") REFERENCES "public"."train"("exercise","train") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "packet_head_one_open" ON "packet_head" USING btree ("exercise","train") WHERE NOT "packet_head"."closed";--> statement-breakpoint
CREATE INDEX "shared_report_newest" ON "shared_report" USING btree ("exercise","kind","name","seq");--> statement-breakpoint
CREATE INDEX "source_content" ON "source" USING btree ("digest");