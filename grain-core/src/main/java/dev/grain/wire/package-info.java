/**
 * How a head and a node talk: messages, the links that carry them, and the loops that handle them.
 * Requests, functions and values are opaque bytes here.
 */
package dev.grain.wire;
