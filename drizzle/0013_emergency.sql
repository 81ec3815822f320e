ALTER TYPE "public"."shared_kind" ADD VALUE 'EMERGENCY_PLAN';--> statement-breakpoint
ALTER TYPE "public"."shared_kind" ADD VALUE 'EMERGENCY_EXERCISE';