/** Object ids of Postgres's own types, the same in every database, for arrays of them. */
export const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;
