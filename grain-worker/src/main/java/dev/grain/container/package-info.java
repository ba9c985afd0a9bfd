/**
 * Runs jobs in containers of an engine that speaks the API of Docker, and has it pull their images.
 */
@NullMarked
package dev.grain.container;

import org.jspecify.annotations.NullMarked;
