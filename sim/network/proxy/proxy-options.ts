/** What a proxy in front of a host does, as plain JSON. Part of the fault that puts it there. */

export interface ProxyOptions {
  /**
   * Milliseconds without a segment in either direction after which it ends a connection: 60 s at nginx
   * (`proxy_read_timeout`) and AWS's Application Load Balancer, 350 s at its Network Load Balancer.
   *
   * @default never
   */
  readonly idleTimeoutMs?: number;
  /** Milliseconds after which it ends a connection whatever passes: an hour at Cloud Run. @default never */
  readonly maxAgeMs?: number;
  /** Ends a connection without telling either end, as NAT does; or with a RST to both. @default false */
  readonly silentDrop?: boolean;
  /**
   * Keeps the server's side of a connection when the client is gone (FIN, RST, no power, half-open, another address): it
   * acknowledges everything and answers WebSocket pings with pongs, so that the server never learns. It does not answer
   * close frames, but the end of the connection. One report counted 1,472 sockets for 26 clients.
   *
   * @default false
   */
  readonly zombie?: boolean;
}

/** A proxy in front of one host, while it is there. */
export interface ReverseProxy {
  readonly options: ProxyOptions;
  readonly untilMs: number;
}
