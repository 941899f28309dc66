/** The events of a registry as its users see them, with the classes in their payloads. Only types. */
import type { WebSocketConnection, WebSocketManager } from './manager.ts';
import type {
  ConnectionClosed,
  ConnectionExpelled,
  ConnectionOpened,
  ConnectionReplaced,
  EventMap,
  ManagerClosing,
  ManagerCreated,
  ManagerIdle,
  ManagerRemoved,
} from './telemetry/event-map.ts';

export type * from './telemetry/event-payloads.ts';
export type * from './telemetry/reasons.ts';

export type ManagerCreatedEvent = ManagerCreated<WebSocketManager>;
export type ManagerIdleEvent = ManagerIdle<WebSocketManager>;
export type ManagerClosingEvent = ManagerClosing<WebSocketManager>;
export type ManagerRemovedEvent = ManagerRemoved<WebSocketManager>;
export type ConnectionEvent = ConnectionOpened<WebSocketConnection>;
export type ConnectionClosedEvent = ConnectionClosed<WebSocketConnection>;
export type ConnectionExpelledEvent = ConnectionExpelled<WebSocketConnection>;
export type ConnectionReplacedEvent = ConnectionReplaced<WebSocketConnection>;

/** Event names and the one argument that each listener gets. */
export type RegistryEvents = EventMap<WebSocketManager, WebSocketConnection>;
