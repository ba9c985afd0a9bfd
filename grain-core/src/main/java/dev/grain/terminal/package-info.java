/**
 * The terminal of a program: what is known of it, and the line at its bottom that shows progress.
 */
package dev.grain.terminal;
