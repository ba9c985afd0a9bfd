/**
 * What a head and a node tell each other: messages, how an attempt ended, and the links that carry
 * them. Requests, functions and values are opaque bytes here.
 */
package dev.grain.message;
