CREATE TABLE "log_subtree" (
	"level" integer NOT NULL,
	"index" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "log_subtree_level_index_pk" PRIMARY KEY("level","index"),
	CONSTRAINT "log_subtree_form" CHECK ("log_subtree"."level" > 0 AND "log_subtree"."level" % 8 = 0 AND "log_subtree"."index" >= 0
        AND octet_length("log_subtree"."hash") = 32)
);
