/** What can be done with the jobs of a head, whatever it is asked by. */
@NullMarked
package dev.grain.service.api;

import org.jspecify.annotations.NullMarked;
