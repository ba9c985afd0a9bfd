/**
 * Functions and values to bytes and back, with the classes of one loader.
 *
 * <p>A function is an identity of its code only; what it captures travels with the arguments, in
 * one object graph. Nothing here knows what a job is, where it runs, or how the bytes travel.
 */
package dev.grain.code;
