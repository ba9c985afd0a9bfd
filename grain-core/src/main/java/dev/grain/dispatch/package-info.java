/**
 * The door between a program and a head: what crosses it is data. A head in the same process is one
 * implementation; a head over a connection can be another.
 */
package dev.grain.dispatch;
