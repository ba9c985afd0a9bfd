/**
 * The cluster key: its file, the key pairs in it, and the mutual TLS that trusts it and nothing
 * else.
 */
package dev.grain.key;
