package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.CodeStore.LoadedCode;
import dev.grain.code.Codec;
import dev.grain.code.HandedOver;
import dev.grain.code.JoinedCode;
import dev.grain.code.bundle.FilePlaces;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.node.CodeAccess;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The code of one head's jobs: bundles of a {@link CodeStore}, which are fetched from the head
 * where the store lacks them. Disks and class loaders are used on threads of its own, one for each
 * bundle that is being made ready.
 */
public final class ShippedCode implements CodeAccess, JobCode {
  private static final String NOT_LOADED = "could not load its code: ";

  private static final String GONE = "The head is gone.";

  private final CodeStore store;
  private final Loop loop;
  private final Codec own;

  // written by the loop, read by any thread
  private final Map<CodeRef, LoadedCode> loaded = new ConcurrentHashMap<>();

  private final JoinedCodes joined = new JoinedCodes();

  // what was asked for and has not come; put by threads that load, taken by the loop
  private final Map<Bytes, CompletableFuture<Bytes>> awaited = new ConcurrentHashMap<>();

  // only accessed by the loop
  private boolean closed;

  /**
   * Makes the code of a head whose bundles are not known yet.
   *
   * @param store has, or gets, the bundles
   * @param loop the loop of the node
   * @param own the code for jobs without a bundle
   */
  public ShippedCode(CodeStore store, Loop loop, Codec own) {
    this.store = store;
    this.loop = loop;
    this.own = own;
  }

  @Override
  public Codec of(CodeRef needed, Ready ready) {
    List<Path> classPath = ready.classPath();
    return switch (needed) {
      case CodeRef.Bundle bundle when classPath.isEmpty() -> loaded(bundle).code();
      case CodeRef.Bundle bundle -> joined.of(needed, classPath, loaded(bundle)::join);
      case CodeRef.Own _, CodeRef.None _ when classPath.isEmpty() -> own;
      case CodeRef.Own _, CodeRef.None _ ->
          joined.of(needed, classPath, path -> JoinedCode.ofClassPath(own, path));
    };
  }

  private LoadedCode loaded(CodeRef.Bundle needed) {
    LoadedCode code = loaded.get(needed);
    if (code == null) {
      throw new IllegalStateException(needed + " is not ready");
    }
    return code;
  }

  /**
   * Returns what another process on this machine needs to load the code of a job; for any thread.
   *
   * @param needed what it needs of the program; it is ready
   * @param ready what else was made ready for it
   * @param places where the other process has the files
   * @throws IOException if it cannot be handed over, in a sentence
   */
  public HandedOver handOver(CodeRef needed, Ready ready, FilePlaces places) throws IOException {
    return needed instanceof CodeRef.Bundle bundle
        ? loaded(bundle).handOver(ready.classPath(), places)
        : HandedOver.NOTHING.with(ready.classPath(), places);
  }

  @Override
  public boolean isReady(CodeRef needed) {
    return !(needed instanceof CodeRef.Bundle) || loaded.containsKey(needed);
  }

  @Override
  public void prepare(CodeRef needed, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
    switch (needed) {
      case CodeRef.Own _, CodeRef.None _ -> whenDone.accept(null);
      case CodeRef.Bundle bundle -> prepare(bundle, ask, whenDone);
    }
  }

  private void prepare(CodeRef.Bundle bundle, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
    try {
      Thread.ofPlatform().daemon().name("grain-code").start(() -> load(bundle, ask, whenDone));
    } catch (OutOfMemoryError e) {
      AttemptEnd noThread =
          new AttemptEnd.Unable("no thread could be started to load code: " + e.getMessage());
      loop.post(() -> whenDone.accept(noThread));
    }
  }

  private void load(CodeRef.Bundle bundle, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
    try {
      Requests requests = new Requests(ask);
      LoadedCode code = store.load(bundle.hash(), requests::fetch, requests::expect);
      post(
          () -> {
            if (closed) {
              code.close();
            } else {
              loaded.put(bundle, code);
              whenDone.accept(null);
            }
          },
          code::close);
    } catch (IOException | RuntimeException | LinkageError e) {
      post(() -> whenDone.accept(toEnd(e)), () -> {});
    } catch (InterruptedException e) {
      throw new AssertionError("Nobody interrupts this thread", e);
    }
  }

  /** Tells how the jobs of a bundle end that cannot be loaded: it may be this node's fault. */
  private static AttemptEnd toEnd(Throwable failure) {
    String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof MissingException) {
        return new AttemptEnd.NotStarted(NOT_LOADED + reason);
      }
    }
    return failure instanceof IOException
        ? new AttemptEnd.Unable("the code could not be loaded: " + reason)
        : new AttemptEnd.NotStarted(NOT_LOADED + reason);
  }

  /** The head does not have what it was asked for. */
  private static final class MissingException extends IOException {
    private static final long serialVersionUID = 1;

    MissingException(String reason) {
      super(reason);
    }
  }

  private void post(Runnable task, Runnable otherwise) {
    try {
      loop.post(task);
    } catch (RejectedExecutionException e) {
      otherwise.run();
    }
  }

  /** What is asked for while one bundle is made ready; used by the thread that does it. */
  private final class Requests {
    private final Ask ask;
    private final Map<Bytes, CompletableFuture<Bytes>> expected = new HashMap<>();

    Requests(Ask ask) {
      this.ask = ask;
    }

    void expect(Bytes hash) {
      expected.computeIfAbsent(hash, each -> request(each, ask));
    }

    Bytes fetch(Bytes hash) throws IOException, InterruptedException {
      CompletableFuture<Bytes> content = expected.remove(hash);
      try {
        return (content == null ? request(hash, ask) : content).get();
      } catch (ExecutionException e) {
        Throwable why = e.getCause() == null ? e : e.getCause();
        throw new IOException(why.getMessage(), why);
      }
    }
  }

  private CompletableFuture<Bytes> request(Bytes hash, Ask ask) {
    CompletableFuture<Bytes> content = new CompletableFuture<>();
    CompletableFuture<Bytes> before = awaited.putIfAbsent(hash, content);
    if (before != null) {
      return before;
    }
    post(
        () -> {
          if (closed) {
            onMissing(hash, GONE);
          } else {
            ask.ask(hash);
          }
        },
        () -> onMissing(hash, GONE));
    return content;
  }

  @Override
  public void onContent(Bytes hash, Bytes content) {
    CompletableFuture<Bytes> waiting = awaited.remove(hash);
    if (waiting != null) {
      waiting.complete(content);
    }
  }

  @Override
  public void onMissing(Bytes hash, String reason) {
    CompletableFuture<Bytes> waiting = awaited.remove(hash);
    if (waiting != null) {
      waiting.completeExceptionally(new MissingException(reason));
    }
  }

  @Override
  public void close() {
    closed = true;
    awaited.keySet().forEach(hash -> onMissing(hash, GONE));
    joined.close();
    loaded.values().forEach(LoadedCode::close);
    loaded.clear();
  }
}
