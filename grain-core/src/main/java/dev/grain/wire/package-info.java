/**
 * How a head and a node talk: messages, the links and sessions that carry them, the frames in which
 * they go over a connection, and the loops that handle them. Requests, functions and values are
 * opaque bytes here.
 *
 * <p>An {@link dev.grain.wire.Endpoint} makes the connections: those on which both sides have
 * proven their key and said who they are.
 */
package dev.grain.wire;
