/**
 * The protocol between a head and a node: messages, orders and their work, how an attempt ended,
 * and the links that carry them. Functions, inputs and values are opaque bytes here.
 */
package dev.grain.message;
