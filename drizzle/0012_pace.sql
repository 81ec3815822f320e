ALTER TYPE "public"."clock_break" ADD VALUE 'RATE_CHANGED';--> statement-breakpoint
ALTER TABLE "clock_step" ADD COLUMN "epoch_ms" integer;