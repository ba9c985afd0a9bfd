/**
 * The file that keeps how jobs ended beyond the life of a program: its format, its reader, and the
 * one thread that writes. Knows keys, values and failures as bytes only.
 */
package dev.grain.journal;
