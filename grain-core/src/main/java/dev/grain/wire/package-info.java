/**
 * Connections between heads and nodes: dialing, accepting, greeting, heartbeats. Both sides of an
 * open connection have proven their key and identified themselves.
 *
 * <p>An {@link dev.grain.wire.Endpoint} makes the connections; a {@link dev.grain.session.Session}
 * outlives them.
 */
package dev.grain.wire;
