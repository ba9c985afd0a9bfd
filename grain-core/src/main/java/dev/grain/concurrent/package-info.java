/** Waiting that an interrupt does not end. */
package dev.grain.concurrent;
