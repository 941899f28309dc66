/** Whether a context may use a manager: the one check behind every call that takes a context (G10). */
import { InvalidContextError, IsolationError } from '../errors.ts';
import type { Subject } from '../internal/manager-port.ts';
import { kSubject } from '../internal/symbols.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { SecurityViolationEvent } from '../telemetry/event-payloads.ts';
import { UserExecutionContext } from './user-execution-context.ts';

/**
 * Accepts a context of the owner, and the absence of one. Refuses any other before anything is changed.
 *
 * @throws {InvalidContextError} for what is not a context.
 * @throws {IsolationError} for another user or thread; a `securityViolation` is counted.
 */
export function checkOwner(
  dispatcher: EventDispatcher,
  owner: Subject,
  operation: SecurityViolationEvent['operation'],
  context: UserExecutionContext | undefined,
): void {
  if (context === undefined) return;
  if (!UserExecutionContext.isContext(context)) {
    throw new InvalidContextError('context', 'context must be a UserExecutionContext');
  }
  const { userId, threadId } = owner.context;
  if (context.userId === userId && context.threadId === threadId) return;
  dispatcher.record('securityViolation', {
    ...owner[kSubject](),
    kind: 'foreign-context',
    operation,
    offenderUserId: context.userId,
    offenderThreadId: context.threadId,
  });
  throw new IsolationError(
    `A ${operation} of ${context.isolationKey} does not belong to the manager of another key`,
  );
}
