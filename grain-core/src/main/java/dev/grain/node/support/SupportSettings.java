package dev.grain.node.support;

import dev.grain.code.Codec;
import dev.grain.node.process.CommandRunner.Echo;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the support of a node is made with.
 *
 * @param cache the folder for what is kept; null for that of the user
 * @param codec encodes results and failures
 * @param resultLimit how many bytes a result may take
 * @param echo where this process shows what jobs print
 * @param maxProcesses how many processes and threads a job may have; 0 for any number
 */
public record SupportSettings(
    @Nullable Path cache, Codec codec, long resultLimit, Echo echo, long maxProcesses) {}
