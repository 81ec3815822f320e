CREATE TYPE "public"."access_code" AS ENUM('SIGNED_IN', 'SIGNED_IN_OFFLINE', 'SIGN_IN_REFUSED', 'REFUSED', 'EXPORTED', 'GOVERNED_READ', 'ROLES_CHANGED', 'KEYS_CHANGED');--> statement-breakpoint
CREATE TABLE "access_record" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access_record_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" "access_code" NOT NULL,
	"actor" text COLLATE "C",
	"address" text COLLATE "C",
	"packet" uuid,
	"subject" text COLLATE "C",
	"before" text[],
	"after" text[],
	"count" integer NOT NULL,
	"over_ms" bigint NOT NULL,
	"node" uuid NOT NULL,
	"epoch" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "access_record_count" CHECK ("access_record"."count" >= 1 AND "access_record"."over_ms" >= 0)
);
--> statement-breakpoint
CREATE INDEX "access_record_code" ON "access_record" USING btree ("code","position");--> statement-breakpoint
CREATE INDEX "access_record_actor" ON "access_record" USING btree ("actor","code","position");--> statement-breakpoint
CREATE INDEX "access_record_packet" ON "access_record" USING btree ("packet","position");