package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.HandedOver;
import dev.grain.code.JoinedCode;
import dev.grain.code.bundle.FilePlaces;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.node.CodeAccess;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The code of jobs that run in the process of their program. */
public final class OwnCode implements CodeAccess, JobCode {
  private final Codec own;
  private final JoinedCodes joined = new JoinedCodes();

  /**
   * Makes it.
   *
   * @param own has the classes of the program
   */
  public OwnCode(Codec own) {
    this.own = own;
  }

  @Override
  public Codec of(CodeRef code, Ready ready) {
    List<Path> classPath = ready.classPath();
    if (classPath.isEmpty()) {
      return own;
    }
    return joined.of(
        code,
        classPath,
        path ->
            code instanceof CodeRef.None
                ? JoinedCode.ofClassPath(own, path)
                : JoinedCode.ofProgram(own, path));
  }

  /**
   * Returns what another process needs, whose class path is that of this process, to load the code
   * of jobs; for any thread.
   *
   * @param places where the other process has the files
   * @throws IOException if it cannot be handed over, in a sentence
   */
  public static HandedOver handOver(CodeRef code, Ready ready, FilePlaces places)
      throws IOException {
    return (code instanceof CodeRef.None ? HandedOver.NOTHING : HandedOver.PROGRAM)
        .with(ready.classPath(), places);
  }

  @Override
  public boolean isReady(CodeRef code) {
    return true;
  }

  @Override
  public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
    whenDone.accept(null);
  }

  @Override
  public void onContent(Bytes hash, Bytes content) {}

  @Override
  public void onMissing(Bytes hash, String reason) {}

  @Override
  public void close() {
    joined.close();
  }
}
