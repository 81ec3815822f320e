ALTER TYPE "public"."shared_kind" ADD VALUE 'RELEASE_INITIALISATION';--> statement-breakpoint
ALTER TYPE "public"."shared_kind" ADD VALUE 'KEY_ROTATION';