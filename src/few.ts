/**
 * None, one or several things by name: the managers of a user, the connections of a manager. Nearly always it is one,
 * for which a `Map` takes some 200 bytes. In order of insertion, as a `Map` is; to be changed by assignment.
 */
export type Few<V extends object> = V | Map<string, V> | undefined;

export function countOf<V extends object>(few: Few<V>): number {
  if (isSeveral(few)) return few.size;
  return few === undefined ? 0 : 1;
}

export function valuesOf<V extends object>(few: Few<V>): Iterable<V> {
  if (isSeveral(few)) return few.values();
  return few === undefined ? [] : [few];
}

export function find<V extends object>(
  few: Few<V>,
  name: string,
  nameOf: (value: V) => string,
): V | undefined {
  if (isSeveral(few)) return few.get(name);
  return few !== undefined && nameOf(few) === name ? few : undefined;
}

/** With `value`, in place of one that has its name. The names are asked for only where there is more than one. */
export function added<V extends object>(
  few: Few<V>,
  value: V,
  nameOf: (value: V) => string,
): Few<V> {
  if (few === undefined) return value;
  const several = isSeveral(few) ? few : new Map([[nameOf(few), few]]);
  return several.set(nameOf(value), value);
}

/** Without `value`; the same as before when it is not there. By identity: not without another one of its name. */
export function removed<V extends object>(
  few: Few<V>,
  value: V,
  nameOf: (value: V) => string,
): Few<V> {
  if (!isSeveral(few)) return few === value ? undefined : few;
  const name = nameOf(value);
  if (few.get(name) === value) few.delete(name);
  return few;
}

function isSeveral<V extends object>(few: Few<V>): few is Map<string, V> {
  return few instanceof Map;
}
