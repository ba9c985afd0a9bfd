/**
 * The cluster key: its file, the key pairs in it, and the mutual TLS that trusts it and nothing
 * else. And the key by which a head proves itself by HTTPS.
 */
package dev.grain.key;
