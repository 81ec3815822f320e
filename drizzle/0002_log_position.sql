CREATE TABLE "log_position" (
	"position" bigint PRIMARY KEY NOT NULL,
	"packet" uuid NOT NULL,
	"number" integer NOT NULL,
	CONSTRAINT "log_position_revision" UNIQUE("packet","number")
);
