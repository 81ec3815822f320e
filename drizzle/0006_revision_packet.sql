ALTER TABLE "revision" DROP CONSTRAINT "revision_packet_packet_id_fk";
