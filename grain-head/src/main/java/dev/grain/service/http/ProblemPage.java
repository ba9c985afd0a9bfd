package dev.grain.service.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Answers what Jetty refuses before a route is looked for, such as paths that are ambiguous. */
final class ProblemPage extends ErrorHandler {
  private final Refusals refusals;

  ProblemPage(Refusals refusals) {
    this.refusals = refusals;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    Throwable known = cause == null ? new IllegalStateException("status " + code) : cause;
    Refusal refusal = refusals.of(code, message == null ? "status " + code : message, known);
    response.setStatus(refusal.kind().status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpServer.PROBLEM);
    // the body, if there is one, is not read
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    response.write(true, ByteBuffer.wrap(refusal.toJson().toBytes()), callback);
  }
}
