import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the questions of a folder with the JDK's own client: {@code java Ask.java URL FOLDER WAY TIMES}.
 *
 * <p>The ways are {@code plain}, one after the other with all defaults; {@code leave}, which asks for leave before each body;
 * {@code streamed}, where no body has a length; and {@code at-once}, all of them together.
 */
public final class Ask {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String url;
    private final Path folder;
    private final String way;

    private Ask(String url, Path folder, String way) {
        this.url = url;
        this.folder = folder;
        this.way = way;
    }

    public static void main(String[] args) throws Exception {
        var ask = new Ask(args[0], Path.of(args[1]), args[2]);
        List<String> questions = Files.readAllLines(ask.folder.resolve("questions.tsv"));
        int times = Integer.parseInt(args[3]);
        if (ask.way.equals("at-once")) {
            ask.askAtOnce(questions, times);
            return;
        }
        for (int time = 0; time < times; time++) {
            for (String question : questions) {
                ask.tell(question, time, ask.client.send(ask.makeRequest(question), BodyHandlers.ofByteArray()));
            }
        }
    }

    private void askAtOnce(List<String> questions, int times) throws Exception {
        var awaited = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
        for (int index = 0; index < times * questions.size(); index++) {
            String question = questions.get(index % questions.size());
            awaited.add(client.sendAsync(makeRequest(question), BodyHandlers.ofByteArray()));
        }
        for (int index = 0; index < awaited.size(); index++) {
            tell(questions.get(index % questions.size()), index / questions.size(), awaited.get(index).get());
        }
    }

    private HttpRequest makeRequest(String question) throws Exception {
        String[] parts = question.split("\t");
        var request = HttpRequest.newBuilder(URI.create(url + parts[2])).header("X-Request-Id", parts[0]);
        if (parts[1].equals("GET")) {
            return request.build();
        }
        request.header("Content-Type", parts[3]).expectContinue(way.equals("leave"));
        return request.POST(makeBody(folder.resolve(parts[0] + ".question"))).build();
    }

    private BodyPublisher makeBody(Path body) throws Exception {
        byte[] content = Files.readAllBytes(body);
        return way.equals("streamed")
                ? BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(content))
                : BodyPublishers.ofByteArray(content);
    }

    private void tell(String question, int time, HttpResponse<byte[]> response) throws Exception {
        String name = question.split("\t")[0];
        String file = name + "." + time + ".answer";
        Files.write(folder.resolve(file), response.body());
        System.out.println(String.join("\t", name, "" + response.statusCode(), "" + response.version(), file));
    }
}
