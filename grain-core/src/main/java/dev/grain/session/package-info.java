/**
 * Sessions: messages numbered, acknowledged and resumed over any transport, and the frames that
 * they become. Knows nothing of sockets, addresses and keys.
 */
package dev.grain.session;
