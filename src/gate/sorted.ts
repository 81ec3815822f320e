import btree from "sorted-btree";

/** A map in order of key whose clone costs nothing and shares structure until it is written to. */
export type Sorted<V> = InstanceType<typeof btree.default<string, V>>;

/** An empty map in order of code units, which for ASCII names is every order (decision 14). */
export function sorted<V>(): Sorted<V> {
  return new btree.default<string, V>(undefined, btree.simpleComparator);
}

/** The pairs whose key starts with `prefix`, in order; keys are ASCII, so `prefix` and DEL bound them. */
export function startingWith<V>(map: Sorted<V>, prefix: string): [string, V][] {
  return map.getRange(prefix, `${prefix}\u007f`, false);
}
