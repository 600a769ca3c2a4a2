package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"octroi/gateway/notify/wording"
)

// mailCheckCommand says what serve would say of a shop's folder of mail templates, without starting anything.
func mailCheckCommand() *cobra.Command {
	var hosts []string
	var preview string
	cmd := &cobra.Command{Use: "check FOLDER", Short: "Read a shop's folder of mail templates and tell what is wrong with it",
		Long: `Read a shop's folder of mail templates and tell what is wrong with it, by file and line.

A folder holds en/NAME.txt and fr/NAME.txt for each mail it changes, en/NAME.html and fr/NAME.html where the HTML is to be
another than the text's own, and shell.html to change the frame of all mails. Mails it does not hold stay as shipped. Every
mail begins with a line "Subject: …"; paragraphs follow, with an empty line between them. A paragraph may begin with
[button] (the link, with this label), [list] (one item a line) or [quote]. Values are written {{.Shop}}; a field that a
mail does not have is refused with the list of those it has.

The mails are ` + strings.Join(wording.Names(), ", ") + `.`,
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return checkMails(args[0], hosts, preview, cmd.OutOrStdout())
		}}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "a host that templates may link to beside the mail's own link; may be repeated")
	cmd.Flags().StringVar(&preview, "preview", "", "a folder to write every mail into, filled with made-up values")
	return cmd
}

func checkMails(folder string, hosts []string, preview string, out io.Writer) error {
	sources, err := wording.Read(os.DirFS(folder))
	if err != nil {
		return fmt.Errorf("read the mail templates in %s: %w", folder, err)
	}
	set, err := wording.Load(sources, hosts)
	if err != nil {
		return fmt.Errorf("the mail templates in %s cannot be used:\n%w", folder, err)
	}
	if preview != "" {
		if err := previewMails(set, preview); err != nil {
			return fmt.Errorf("write the previews: %w", err)
		}
	}
	_, err = fmt.Fprintf(out, "%s: the mail templates are good: %d files of the shop's own\n", folder, len(sources))
	return err
}

// previewMails writes each mail as its two forms.
func previewMails(set *wording.Set, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range wording.Names() {
		for _, language := range wording.Languages() {
			mail, err := set.Render(name, language, wording.Sample(name, language))
			if err != nil {
				return err
			}
			base := filepath.Join(dir, language+"-"+name)
			if err := os.WriteFile(base+".html", []byte(mail.HTML), 0o644); err != nil {
				return err
			}
			if err := os.WriteFile(base+".txt", []byte("Subject: "+mail.Subject+"\n\n"+mail.Text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
