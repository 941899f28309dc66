/**
 * None, one or several values by name: the managers of a user, the connections of a manager. Nearly always there is
 * one, for which a `Map` would take some 200 bytes. It keeps the order of insertion; assign the result of a change.
 */
export type SmallMap<V extends object> = V | Map<string, V> | undefined;

export function countOf<V extends object>(smallMap: SmallMap<V>): number {
  if (isSeveral(smallMap)) return smallMap.size;
  return smallMap === undefined ? 0 : 1;
}

export function valuesOf<V extends object>(smallMap: SmallMap<V>): Iterable<V> {
  if (isSeveral(smallMap)) return smallMap.values();
  return smallMap === undefined ? [] : [smallMap];
}

export function find<V extends object>(
  smallMap: SmallMap<V>,
  name: string,
  nameOf: (value: V) => string,
): V | undefined {
  if (isSeveral(smallMap)) return smallMap.get(name);
  return smallMap !== undefined && nameOf(smallMap) === name ? smallMap : undefined;
}

/** With `value`, in place of one that has its name. Names are read only where there is more than one value. */
export function added<V extends object>(
  smallMap: SmallMap<V>,
  value: V,
  nameOf: (value: V) => string,
): SmallMap<V> {
  if (smallMap === undefined) return value;
  const several = isSeveral(smallMap) ? smallMap : new Map([[nameOf(smallMap), smallMap]]);
  return several.set(nameOf(value), value);
}

/** Without `value`; the same as before when it is not there. By identity: not without another one of its name. */
export function removed<V extends object>(
  smallMap: SmallMap<V>,
  value: V,
  nameOf: (value: V) => string,
): SmallMap<V> {
  if (!isSeveral(smallMap)) return smallMap === value ? undefined : smallMap;
  const name = nameOf(value);
  if (smallMap.get(name) === value) smallMap.delete(name);
  return smallMap;
}

function isSeveral<V extends object>(smallMap: SmallMap<V>): smallMap is Map<string, V> {
  return smallMap instanceof Map;
}
