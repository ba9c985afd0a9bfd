/**
 * How a head and a node talk: messages, the links and sessions that carry them, the frames in which
 * they go over a connection, and the loops that handle them. Requests, functions and values are
 * opaque bytes here.
 */
package dev.grain.wire;
