/**
 * The commands {@code grain minion}, {@code minionize} and {@code grain queue}.
 *
 * <p>What a minion does is set by, the first above the others:
 *
 * <ol>
 *   <li>the options of the command line
 *   <li>the variables of the environment
 *   <li>the variables of the file {@code .env} in the current folder; commands get these as well
 *   <li>the file {@code .minion.yml} there
 * </ol>
 *
 * <p>The variables are those of minionize: {@code MINION_ENGINE} ({@code execo}, {@code file},
 * {@code google} or {@code pulsar}) with {@code EXECO_PERSISTENCE_DIR}, {@code FILE_PATH}, {@code
 * FILE_DECODER}, {@code PULSAR_CONNECTION}, {@code PULSAR_TOPIC}, {@code PULSAR_SUBSCRIPTION},
 * {@code PULSAR_DECODER}, {@code GOOGLE_PROJECT_ID}, {@code GOOGLE_TOPIC_ID}, {@code
 * GOOGLE_SUBSCRIPTION}, {@code GOOGLE_DECODER}; {@code MINION_REPORTER}, {@code
 * REPORTER_JSON_DIRECTORY}, {@code DRY}; the ids of batch systems, such as {@code OAR_JOB_ID}. For
 * any engine, {@code MINION_QUEUE} has the address of a queue, and {@code MINION_DECODER} the
 * decoder.
 *
 * <p>The keys of {@code .minion.yml} are options without dashes, such as {@code maxDeliveries};
 * {@code mounts} and {@code environment} may be lists, {@code environment} also a map of variables,
 * and {@code resources} has {@code cpu}, {@code memory} and {@code gpu}. One of {@code command},
 * {@code shell} (a line for a shell) and {@code class} is what is done with items, unless the
 * command line has a command or a class.
 *
 * <p>If three items in a row cannot be started, because their image, checkout or environment cannot
 * be prepared, the minion ends with exit code 1; it has given them back.
 */
@NullMarked
package dev.grain.cli.minion;

import org.jspecify.annotations.NullMarked;
