/**
 * The key of a manager: `user_id:thread_id`, injective. Owns the escaping; knows nothing of the
 * origin of the two ids. `makeIsolationKey` is not public: only a context yields a key.
 */

declare const brand: unique symbol;

/**
 * `user_id:thread_id`. A branded string: it reads and logs like one, and code that puts one together
 * by hand does not compile. Get it from `UserExecutionContext.isolationKey`.
 */
export type IsolationKey = string & { readonly [brand]: 'IsolationKey' };

/**
 * Ordinary ids read exactly so. `%` and `:` are escaped in both parts, so that the one bare colon of a
 * key is the separator: user `a:b` with thread `c` is not user `a` with thread `b:c`.
 */
export function makeIsolationKey(userId: string, threadId: string): IsolationKey {
  return `${escapePart(userId)}:${escapePart(threadId)}` as IsolationKey;
}

function escapePart(id: string): string {
  // Nearly no id has either character, and looking costs less than replacing.
  if (!id.includes('%') && !id.includes(':')) return id;
  return id.replaceAll('%', '%25').replaceAll(':', '%3A');
}
